import { describeClient } from '../support/describe-client.ts'
import { googleGenAi } from './google-genai.ts'

describeClient(googleGenAi)
