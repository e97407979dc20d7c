import { checkMembers, fail, isOneOf, isText } from '../base/check.ts'
import { LlmCacheError } from '../base/errors.ts'
import { optionalPackage } from '../base/optional-package.ts'
import type { Embedder } from './embedder.ts'

/** Options of {@link transformersEmbedder}. */
export interface TransformersEmbedderOptions {
  /** A sentence-embedding model in ONNX form: `Xenova/all-MiniLM-L6-v2`, or the path of one. */
  readonly model: string
  /** Precision of its weights. Default: the package's own, `'fp32'` in Node. */
  readonly dtype?: Dtype
}

const DTYPES = ['auto', 'fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'bnb4', 'q4f16'] as const
/** https://huggingface.co/docs/transformers.js/guides/dtypes */
type Dtype = (typeof DTYPES)[number]

/** The members of `@huggingface/transformers` 3 and 4 that are used here. */
interface Transformers {
  pipeline(task: 'feature-extraction', model: string, options: { dtype?: Dtype }): Promise<FeatureExtraction>
}

type FeatureExtraction = (
  texts: string[],
  options: { pooling: 'mean'; normalize: boolean },
) => Promise<{ tolist(): number[][] }>

const CHECKS = { model: isText, dtype: isOneOf(DTYPES) } satisfies Record<keyof TransformersEmbedderOptions, unknown>

/**
 * Embeds texts by a model that runs in this process, with the package `@huggingface/transformers`, which the app
 * installs. Package and model are loaded at first use; a text's vector is the mean of its tokens.
 *
 * `embed` rejects with an LlmCacheError with code `ERR_LLM_CACHE_PACKAGE` if the package is not installed.
 *
 * @throws TypeError naming the path, what was expected and what came, for a wrong or unknown option.
 */
export function transformersEmbedder(options: TransformersEmbedderOptions): Embedder {
  checkMembers(options, CHECKS, 'transformersEmbedder')
  const { model, dtype } = options
  if (model === undefined) fail('transformersEmbedder.model', 'a string', model)
  let loading: Promise<FeatureExtraction> | undefined
  return {
    id: dtype === undefined ? model : `${model} ${dtype}`,
    async embed(texts) {
      loading ??= load(options)
      // A failed download is retried by the next call.
      const extract = await loading.catch((error: unknown) => {
        loading = undefined
        throw error
      })
      return (await extract(texts, { pooling: 'mean', normalize: true })).tolist()
    },
  }
}

async function load({ model, dtype }: TransformersEmbedderOptions): Promise<FeatureExtraction> {
  const name = '@huggingface/transformers'
  const transformers = optionalPackage(name) as Transformers | undefined // the package of that name
  if (transformers === undefined) {
    throw new LlmCacheError(
      'ERR_LLM_CACHE_PACKAGE',
      `transformersEmbedder needs the package ${name} (npm install ${name})`,
    )
  }
  return transformers.pipeline('feature-extraction', model, dtype === undefined ? {} : { dtype })
}
