/** Request headers that never change an answer, and why. */
export interface Noise {
  /** Lower-case names separated by spaces; `*` stands for any text, even none. */
  readonly names: string
  readonly why: string
}

/**
 * Every request header that is left out of the key. All others count: an unknown header can cost a miss, but never
 * gives a wrong answer. So a row has only what is known to be noise. Headers about a user's location, device, session
 * or route may influence an answer, and are not here.
 */
export const NOISE: readonly Noise[] = [
  // Transport.
  {
    names: 'connection keep-alive proxy-connection te trailer transfer-encoding upgrade http2-settings max-forwards',
    why: 'holds for one hop: https://www.rfc-editor.org/rfc/rfc9110#section-7.6',
  },
  { names: 'host content-length expect date', why: 'the origin and the body count themselves' },
  {
    names: 'accept accept-*',
    why: 'what the client can read. Codings are negotiated at replay; the form of an answer is asked for in body or path',
  },
  { names: 'priority early-data alt-used', why: 'scheduling: https://www.rfc-editor.org/rfc/rfc9218' },
  { names: 'sec-* dnt upgrade-insecure-requests x-requested-with', why: 'what a browser or fetch says of the page' },
  {
    names: 'origin access-control-* anthropic-dangerous-direct-browser-access *csrf-token *csrftoken *xsrf-token',
    why: 'guards a page against other pages: https://fetch.spec.whatwg.org/#http-cors-protocol',
  },

  // Clients and SDK versions.
  { names: 'user-agent *-user-agent x-ms-useragent', why: 'the name of the client' },
  {
    names: 'x-stainless-*',
    why: 'SDKs of OpenAI, Anthropic, Groq, Together: language, system, version, timeout, helper',
  },
  { names: 'x-fern-*', why: "Cohere's SDK: language, version, version of Node" },
  { names: 'x-goog-api-client x-server-timeout', why: "Google's SDKs: versions, and how long the client waits" },
  { names: 'amz-sdk-*', why: "AWS's SDKs: which call, which try" },
  { names: 'x-client-name', why: "Cohere's name for the app" },
  { names: 'x-openrouter-callmodel', why: "which helper of OpenRouter's SDK made the call" },
  { names: 'ai-o11y-*', why: "Vercel's AI SDK: deployment, region and request it runs in" },

  // Tracing.
  {
    names: 'traceparent tracestate baggage correlation-context',
    why: 'W3C, OpenTelemetry: https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/',
  },
  { names: 'b3 x-b3-*', why: 'Zipkin: https://github.com/openzipkin/b3-propagation' },
  { names: 'uber-trace-id uberctx-* jaeger-debug-id jaeger-baggage', why: 'Jaeger' },
  { names: 'ot-tracer-* ot-baggage-* x-ot-span-context', why: 'OpenTracing, Lightstep' },
  { names: 'x-datadog-* dd-pathway-ctx dd-pathway-ctx-base64', why: 'Datadog' },
  { names: 'sentry-trace', why: 'Sentry' },
  { names: 'newrelic x-newrelic-*', why: 'New Relic' },
  { names: 'elastic-apm-traceparent', why: 'Elastic APM' },
  { names: 'x-dynatrace x-dynatrace-* x-dtpc x-dtreferer x-ruxit-*', why: 'Dynatrace' },
  { names: 'x-instana-*', why: 'Instana' },
  { names: 'singularityheader adrum adrum_*', why: 'AppDynamics' },
  { names: 'sw6 sw8 sw8-*', why: 'SkyWalking' },
  { names: 'pinpoint-*', why: 'Pinpoint' },
  { names: 'x-honeycomb-trace', why: 'Honeycomb' },
  { names: 'x-cloud-trace-context grpc-trace-bin grpc-tags-bin', why: 'Google Cloud, gRPC' },
  { names: 'request-context ms-cv x-ms-request-root-id', why: 'Azure Application Insights, correlation vectors' },
  { names: 'x-envoy-*', why: 'Envoy, Istio: tries and timeouts of a hop' },
  { names: 'l5d-ctx-* l5d-reqid l5d-sample', why: 'Linkerd' },
  { names: 'x-trace', why: 'SolarWinds' },
  { names: 'eagleeye-rpcid', why: 'Alibaba ARMS, beside `eagleeye-traceid`' },
  { names: 'langsmith-trace', why: 'LangSmith' },
  { names: 'x-bt-parent', why: 'Braintrust: where a log line is filed' },
  { names: 'x-portkey-span-name', why: 'Portkey' },
  {
    names: '*trace-id *trace_id *traceid *span-id *span_id *spanid',
    why: 'AWS X-Ray, and many that have no other name',
  },

  // Ids of one request.
  {
    names: '*request-id *request_id *requestid *correlation-id *correlation_id *correlationid x-transaction-id',
    why: 'names one request in logs; the next one has another',
  },
  { names: 'idempotency-key x-idempotency-key', why: 'names one request, so that a retry of it is not done twice' },

  // Values computed from the body, the time or a key that counts itself.
  {
    names: '*digest content-md5 x-amz-content-sha256 x-amz-checksum-* x-amz-decoded-content-length x-amz-trailer',
    why: 'computed from the body: https://www.rfc-editor.org/rfc/rfc9530',
  },
  { names: 'x-amz-sdk-checksum-algorithm x-ms-content-sha256 x-goog-content-sha256', why: 'computed from the body' },
  { names: 'x-amz-date x-ms-date x-goog-date', why: 'the time of a signature' },
  { names: 'signature signature-*', why: 'computed from the request: https://www.rfc-editor.org/rfc/rfc9421' },

  // Headers of forwarding proxies.
  {
    names: 'forwarded x-forwarded x-forwarded-* x-original-forwarded-for via cdn-loop',
    why: 'the way so far: https://www.rfc-editor.org/rfc/rfc7239, https://www.rfc-editor.org/rfc/rfc8586',
  },
  {
    names: 'x-real-ip x-client-ip client-ip x-client-port true-client-ip x-cluster-client-ip x-proxyuser-ip',
    why: 'the address of whoever called the proxy',
  },
  {
    names: 'x-original-host x-original-proto x-original-uri x-original-url x-rewrite-url x-scheme',
    why: 'the URL that the proxy was called with',
  },
  {
    names: 'x-request-start x-queue-start connect-time total-route-time x-timer',
    why: 'when the proxy had the request',
  },
  {
    names: 'cf-ray cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 cf-visitor cf-worker cf-ew-via',
    why: 'Cloudflare: https://developers.cloudflare.com/fundamentals/reference/http-headers/',
  },
  { names: 'x-amz-cf-id cloudfront-forwarded-proto', why: 'CloudFront' },
  { names: 'fastly-client-ip fastly-ff fastly-ssl fastly-temp-xff x-varnish', why: 'Fastly, Varnish' },
  { names: 'akamai-origin-hop x-akamai-config-log-detail', why: 'Akamai' },
  {
    names: 'x-azure-ref x-azure-fdid x-azure-clientip x-azure-socketip x-azure-requestchain x-arr-log-id x-arr-ssl',
    why: 'Azure Front Door, App Service: https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol',
  },
  {
    names: 'disguised-host was-default-hostname x-site-deployment-id x-appservice-proto x-waws-unencoded-url',
    why: 'Azure App Service',
  },
  {
    names: 'x-vercel-id x-vercel-deployment-url x-vercel-forwarded-for x-vercel-proxied-for x-vercel-proxy-signature*',
    why: 'Vercel: https://vercel.com/docs/headers/request-headers',
  },
  { names: 'fly-client-ip fly-forwarded-* fly-region', why: 'Fly: https://fly.io/docs/networking/request-headers/' },
  {
    names: 'x-nf-client-connection-ip rndr-id x-railway-edge do-connecting-ip',
    why: 'Netlify, Render, Railway, DigitalOcean',
  },

  // Attribution, and what gateways log.
  {
    names: 'referer http-referer x-title x-openrouter-title x-openrouter-categories',
    why: 'which app calls: https://openrouter.ai/docs/app-attribution',
  },
  {
    names: 'helicone-session-* helicone-user-id helicone-property-*',
    why: 'groups log lines: https://docs.helicone.ai/helicone-headers/header-directory',
  },
  { names: 'cf-aig-event-id', why: "a log line's name at Cloudflare" },

  // Other caches.
  {
    names: 'x-session-affinity x-grok-conv-id',
    why: 'the server whose prompt cache is warm: https://docs.x.ai/developers/advanced-api-usage/prompt-caching',
  },
  {
    names: 'cf-aig-cache-key cf-aig-cache-ttl cf-aig-skip-cache cf-cache-ttl cf-skip-cache',
    why: "steers Cloudflare's cache: https://developers.cloudflare.com/ai-gateway/features/caching/",
  },
  {
    names: 'helicone-cache-*',
    why: "steers Helicone's cache: https://docs.helicone.ai/features/advanced-usage/caching",
  },
  { names: 'x-portkey-cache-*', why: "steers Portkey's cache" },
  { names: 'x-bf-cache-*', why: "steers Bifrost's cache: https://docs.getbifrost.ai/features/semantic-caching" },
  { names: 'x-bt-use-cache x-bt-cache-ttl x-bt-use-creds-cache', why: "steers Braintrust's cache" },
  { names: 'x-use-cache', why: "steers Hugging Face's cache" },
]

/** Whether the table has a header, by its lower-case name. */
export function isNoise(lowerName: string): boolean {
  return PATTERN.test(lowerName)
}

const PATTERN = patternOf(NOISE.map(({ names }) => names).join(' '))

/** One expression for all names: 2 µs for a header, which is only checked once. */
function patternOf(names: string): RegExp {
  return new RegExp(`^(?:${names.replaceAll(' ', '|').replaceAll('*', '.*')})$`)
}
