/** `npm run lab -- list | down [id]`: looks after labs that are running or were left by a crash. */
import { labIds, readManifest, remains, takeDown } from './takedown.ts';

const USAGE = `usage: npm run lab -- list          show every lab of this machine
       npm run lab -- down [id]     take one lab, or all of them, down`;

async function list(): Promise<void> {
  const ids = await labIds();
  if (ids.length === 0) console.log('no lab is running');
  for (const id of ids) {
    const { namespaces, processes } = await remains(id);
    const manifest = await readManifest(id);
    const since = manifest === undefined ? 'incomplete' : `since ${manifest.startedAt}`;
    console.log(`${id}  ${since}  ${namespaces.length} namespaces, ${processes.length} processes`);
  }
}

async function down(id: string | undefined): Promise<void> {
  const ids = id === undefined ? await labIds() : [id];
  if (ids.length === 0) console.log('no lab is running');
  for (const one of ids) {
    await takeDown(one);
    console.log(`lab ${one} is down`);
  }
}

const [command, id] = process.argv.slice(2);
if (command === 'list') await list();
else if (command === 'down') await down(id);
else {
  console.error(USAGE);
  process.exitCode = 2;
}
