import { describeClient } from '../support/describe-client.ts'
import { groq } from './groq.ts'

describeClient(groq)
