import { describeClient } from '../support/describe-client.ts'
import { langchain } from './langchain.ts'

describeClient(langchain)
