/** A commit message in its two parts. */
export interface Message {
  /** git's `%s`: the first paragraph, its lines joined by spaces. */
  subject: string;
  /** git's `%b`: all after the blank lines that follow the subject, as it is. */
  body: string;
}

/** Splits a message as git's `format_subject` does; for git, space is blank, tab, CR and LF. */
export function splitMessage(message: string): Message {
  const subject: string[] = [];
  let at = skipBlankLines(message, 0);
  while (at < message.length) {
    const end = lineEnd(message, at);
    const line = trimEnd(message.slice(at, end));
    at = end;
    if (line === "") break;
    subject.push(line);
  }
  return { subject: subject.join(" "), body: message.slice(skipBlankLines(message, at)) };
}

/** What a subject or body says a commit does to other commits. */
export function messageKind({ subject, body }: Message): {
  is_revert: boolean;
  is_fixup: boolean;
  is_squash: boolean;
} {
  return {
    is_revert: /^Revert "/.test(subject) || /^This reverts commit [0-9a-f]{7,64}\b/m.test(body),
    is_fixup: /^(?:fixup|amend)! /.test(subject),
    is_squash: /^squash! /.test(subject),
  };
}

function skipBlankLines(message: string, start: number): number {
  let at = start;
  while (at < message.length) {
    const end = lineEnd(message, at);
    if (trimEnd(message.slice(at, end)) !== "") break;
    at = end;
  }
  return at;
}

function lineEnd(message: string, start: number): number {
  const end = message.indexOf("\n", start);
  return end < 0 ? message.length : end + 1;
}

function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && " \t\r\n".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}
