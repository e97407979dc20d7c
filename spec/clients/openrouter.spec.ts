import { describeClient } from '../support/describe-client.ts'
import { openRouterProvider, openRouterSdk } from './openrouter.ts'

describeClient(openRouterProvider, openRouterSdk)
