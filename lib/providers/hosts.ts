import { CLOUDS } from './hosts/clouds.ts'
import { GATEWAYS } from './hosts/gateways.ts'
import { INFERENCE_SERVICES } from './hosts/inference-services.ts'
import { MODEL_MAKERS } from './hosts/model-makers.ts'
import type { ProviderRow } from './provider.ts'

/**
 * The built-in hosts, and their endpoints whose answer depends on the request alone. A call to any other host or
 * endpoint is passed on untouched.
 */
export const PROVIDERS: readonly ProviderRow[] = [...MODEL_MAKERS, ...CLOUDS, ...INFERENCE_SERVICES, ...GATEWAYS]
