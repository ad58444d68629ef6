import type { LibraryHandle } from "koffi";

/** The last lines suffice to explain a failure. */
const KEPT_LINES = 50;

const lines: string[] = [];
let partial = "";
let received = 0;

/** The last lines that ggml logged, oldest first. ggml itself prints nothing. */
export const ggmlLog = (): readonly string[] => lines;

/** Lines that ggml logs while `work` runs. */
export function linesDuring(work: () => void): string[] {
  const before = received;
  work();
  return lines.slice(Math.max(0, lines.length - (received - before)));
}

/** Sends ggml's log, which otherwise goes to stderr, to {@link ggmlLog}. */
export function captureLog(koffi: typeof import("koffi"), base: LibraryHandle): void {
  const callback = koffi.proto("void ggml_log_callback(int level, const char *text, void *data)");
  const receive = koffi.register((_level: number, text: string) => {
    partial += text;
    const complete = partial.split("\n");
    partial = complete.pop() ?? "";
    const added = complete.filter((line) => line.trim() !== "");
    received += added.length;
    lines.push(...added);
    lines.splice(0, Math.max(0, lines.length - KEPT_LINES));
  }, koffi.pointer(callback));
  base.func("ggml_log_set", "void", ["void *", "void *"])(receive, null);
}
