/** Lets any number of tasks wait until something has changed. */
export class Condition {
  #wake: () => void = () => undefined;
  #change = this.#next();

  /** Wakes everyone who waits. */
  notify(): void {
    this.#wake();
    this.#change = this.#next();
  }

  /** Waits until `isMet`, which is asked now and after every change. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await this.#change;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
