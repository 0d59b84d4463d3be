// Runs the walk of the README, command by command, against a running server, and compares what it prints with what the
// README says it prints; ids differ from run to run.  node walk.mjs http://127.0.0.1:8080
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node walk.mjs URL');
  process.exit(2);
}
const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const walk = readme.split('<!-- walk:begin -->')[1]?.split('<!-- walk:end -->')[0];
const blocks = [...(walk ?? '').matchAll(/```(bash|json)\n([\s\S]*?)```/g)].map(([, kind, text]) => ({ kind, text }));
const commands = blocks.filter((b) => b.kind === 'bash');
if (commands.length < 5) {
  console.error('the README has no walk between its markers');
  process.exit(1);
}
const script = ['set -eu', ...commands.flatMap((c, i) => [`echo "@@${i}"`, c.text])].join('\n');
const printed = execFileSync('bash', ['-c', script], { cwd: root, env: { ...process.env, ALLIANCE: url }, encoding: 'utf8' });
const outputs = printed.split(/@@\d+\n/).slice(1);
const plain = (text) => text.trim().replace(/\b([a-z]+)_[0-9a-f]{32}\b/g, '$1_ID');

let failed = 0;
let passed = 0;
for (const [i, command] of commands.entries()) {
  const next = blocks[blocks.indexOf(command) + 1];
  const expected = next?.kind === 'json' ? plain(next.text) : '';
  if (plain(outputs[i]) === expected) {
    passed += 1;
  } else {
    failed += 1;
    console.error(`step ${i + 1} printed\n${outputs[i]}\nthe README says\n${next?.text}`);
  }
}
console.log(`walk: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
