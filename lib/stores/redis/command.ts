/** A command and its arguments. */
export type Command = readonly [name: string, ...args: (string | Buffer)[]]
