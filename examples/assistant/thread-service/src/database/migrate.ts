import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { MIGRATIONS } from './migrations.ts';
import type { Database } from './tables.ts';

/** Brings the database to the newest form, telling each step before it is done. Safe when several services start on one server. */
export async function migrate(
  db: Kysely<Database>,
  onApplying: (name: string, position: number, total: number) => void,
): Promise<void> {
  const names = Object.keys(MIGRATIONS).sort();
  const told: Record<string, Migration> = {};
  for (const [index, name] of names.entries()) {
    const migration = MIGRATIONS[name];
    if (migration === undefined) continue;
    told[name] = {
      async up(on) {
        onApplying(name, index + 1, names.length);
        await migration.up(on);
      },
    };
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => told } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
