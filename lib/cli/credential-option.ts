import type { Command } from 'commander'

/** The value of the option that `addCredentialOption` adds. */
export interface CredentialFlags {
  readonly credentialEnv?: string
}

/** Adds the option that names the variable with an API key: the key itself is never on a command line. */
export function addCredentialOption(command: Command, about: string): Command {
  return command.option('--credential-env <name>', about)
}

/**
 * The API key from the named variable; `undefined` if none is named. If it is not set, the command line is wrong.
 */
export function credentialOf(command: Command, { credentialEnv: name }: CredentialFlags): string | undefined {
  if (name === undefined) return undefined
  return process.env[name] || command.error(`error: the variable ${name} is not set`)
}
