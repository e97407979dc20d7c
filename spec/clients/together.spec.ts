import { describeClient } from '../support/describe-client.ts'
import { together } from './together.ts'

describeClient(together)
