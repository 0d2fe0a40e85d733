/** To whom a thread belongs. Every query of the store names both; `tenant` is empty for users without one. */
export interface Owner {
  tenant: string;
  user: string;
}
