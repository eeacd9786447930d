export function answerTooSlow(seconds: number): string {
  return `no answer in ${seconds} s`;
}

export function answerTooLarge(characters: number): string {
  return `an answer of ${characters} characters`;
}

export function statusInstead(status: number): string {
  return `HTTP ${status}`;
}

export function notJson(beginning: string): string {
  return `not JSON: ${JSON.stringify(beginning)}`;
}
