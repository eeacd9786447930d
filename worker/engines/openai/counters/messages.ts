export function tokensApart(side: "input" | "output", server: number, client: number): string {
  return `The server counted ${server} ${side} tokens in the window, the client ${client}: more than 1 % apart. ` +
    "Does anybody else use this server?";
}

export function countersUnavailable(path: string, reason: string, hint: string): string {
  return `The server's counters (${path}) are not to be had: ${reason}.${hint === "" ? "" : ` ${hint}`}`;
}

export function countersCutShort(megabytes: number): string {
  return `The server's counters of this run are larger than ${megabytes} MB: later readings are summarised and not ` +
    "kept as text.";
}

export function optionNeeded(option: string): string {
  return `Start the server with ${option}.`;
}
