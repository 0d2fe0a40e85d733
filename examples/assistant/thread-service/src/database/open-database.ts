import { openEmbedded } from './open-embedded.ts';
import { openServer } from './open-server.ts';
import type { OpenDatabase } from './opened.ts';

export interface DatabaseSettings {
  /** A PostgreSQL server; when absent, the embedded database in `dataDir` is used. */
  url?: URL;
  dataDir: string;
}

/** Where the threads are kept; everything above knows only the one `db`. */
export function openDatabase(
  settings: DatabaseSettings,
  onDetail: (detail: string) => void,
  onLost: (error: Error) => void,
): Promise<OpenDatabase> {
  return settings.url === undefined
    ? openEmbedded(settings.dataDir, onDetail)
    : openServer(settings.url, onDetail, onLost);
}
