import { describeClient } from '../support/describe-client.ts'
import { azure } from './azure.ts'

describeClient(azure)
