import type { Command } from 'commander'

/** The value of the option that `addCredentialOption` adds. */
export interface CredentialFlags {
  readonly credentialEnv?: string
}

/** Adds the option for the name of a variable with an API key: the key itself never appears on a command line. */
export function addCredentialOption(command: Command, about: string): Command {
  return command.option('--credential-env <name>', about)
}

/** The API key from the named variable; `undefined` if none is named. An unset variable is a usage error. */
export function credentialOf(command: Command, { credentialEnv: name }: CredentialFlags): string | undefined {
  if (name === undefined) return undefined
  return process.env[name] || command.error(`error: the variable ${name} is not set`)
}
