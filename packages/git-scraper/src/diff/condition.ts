/** Lets any number of tasks wait until something has changed. */
export class Condition {
  #waiting: (() => void)[] = [];

  /** Wakes everyone who waits. */
  notify(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until `isMet`, which is asked now and after every change. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
