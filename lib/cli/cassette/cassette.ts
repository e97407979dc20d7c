import type { Command } from 'commander'
import { defineCheck } from './check.ts'
import { defineDiff } from './diff.ts'
import { defineImport } from './import.ts'
import { defineList } from './list.ts'
import { defineShow } from './show.ts'
import type { PackageFacts } from '../define.ts'

const EXAMPLES = `
A cassette is a committed file of recorded answers, which tests replay without a network.

Examples:
  undici-llm-cache cassette ls spec/cassettes/chat.jsonl
  undici-llm-cache cassette show spec/cassettes/chat.jsonl 3f9a
  undici-llm-cache cassette diff old.jsonl new.jsonl
  undici-llm-cache cassette check --max-age 2592000 spec/cassettes/*.jsonl
  undici-llm-cache cassette import tests/cassettes/chat.yaml --out spec/cassettes/chat.jsonl
`

/** `cassette`: commands for cassettes. */
export function defineCassette(command: Command, facts: PackageFacts): void {
  command.addHelpText('after', EXAMPLES).usage('<command>').helpCommand(false)
  for (const define of [defineList, defineShow, defineDiff, defineCheck, defineImport]) {
    define(command.command('new').exitOverride(), facts)
  }
}
