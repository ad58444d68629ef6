/**
 * Makes text fit for a terminal: control characters become pictures, and those that turn text round
 * U+FFFD. Messages quote names and messages of repositories that nobody needs to trust, and a terminal
 * obeys such characters.
 *
 * Tabs and line feeds stay as they are.
 */
export const visible = (text: string): string =>
  text.replace(/(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
