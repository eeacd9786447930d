export function runnerDied(): string {
  return "The runner died while this attempt ran";
}

export function completedResultLost(file: string | null, trouble: "missing" | "damaged"): string {
  return `The run had completed, and its result ${file} is ${trouble}`;
}

export function journalOfNewerFormat(format: number, known: number): string {
  return `The journal has format ${format}; this llem reads format ${known}. Use the llem that wrote it.`;
}

export function journalDamaged(byte: number): string {
  return `The journal is damaged at byte ${byte}, before its end. Restore it or start a new study.`;
}
