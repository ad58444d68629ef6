import type { Person } from "@repotune/schema";

/** A person as git writes one, `Name <email>`: the same for the same name and address only. */
export const personKey = ({ name, email }: Person): string => `${name} <${email}>`;

/** What makes two mentions the same person: the address in any case; without one, the name. */
export const identityOf = ({ name, email }: Person): string =>
  email.trim().toLowerCase() || name.trim();
