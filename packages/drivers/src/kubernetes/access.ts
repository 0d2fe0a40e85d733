/** Where the API server answers, and how this process proves itself there. Read again when the server no longer takes it. */
export type Access = {
  server: URL;
  /** The namespace of services that name none, and of the records of runs. */
  namespace: string;
  token?: string;
  tls: { ca?: string; cert?: string; key?: string; servername?: string; rejectUnauthorized?: boolean };
};
