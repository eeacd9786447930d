export function serverErrorText(message: string, kind: string): string {
  if (message === "") {
    return `The server reports an error${kind === "" ? "" : ` (${kind})`} and says no more.`;
  }
  return kind === "" ? message : `${message} (${kind})`;
}

export function answeredWith(text: string): string {
  return `The server answered: ${text}`;
}

export function withoutText(status: number): string {
  return `The server answered ${status} without a text.`;
}

export function pointsElsewhere(status: number, location: string): string {
  return `The server answered ${status} and points to ${location}`;
}

export function endedEarly(events: number): string {
  return events === 0
    ? "The stream ended before its first event."
    : `The stream ended after ${events} events, without a finish reason and without [DONE].`;
}

export function brokenOff(reason: string): string {
  return `The connection broke off in the middle of the stream: ${reason}`;
}

export function notAStream(text: string): string {
  return `The server sent no stream of events although one was asked for: ${text}`;
}

export function notReadable(text: string): string {
  return `An event of the stream holds no JSON object: ${text}`;
}

export function eventTooLarge(megabytes: number): string {
  return `An event of the stream is larger than ${megabytes} MB.`;
}

export function gaveUp(reason: string): string {
  return `The server ended the answer with finish_reason ${reason}.`;
}
