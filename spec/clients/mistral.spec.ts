import { describeClient } from '../support/describe-client.ts'
import { mistral } from './mistral.ts'

describeClient(mistral)
