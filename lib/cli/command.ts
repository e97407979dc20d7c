/** One subcommand: takes the arguments after its name, resolves to the exit code. Wrong arguments: `parseArgs` throws. */
export type Command = (args: string[]) => Promise<number>
