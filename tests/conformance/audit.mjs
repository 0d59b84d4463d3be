// GraphQL over HTTP: every audit of npm `graphql-http` against a running server.
// Usage: node audit.mjs URL TOKEN     e.g. node audit.mjs http://127.0.0.1:8080/graphql "$(alliance token hub-coordinator)"
import { auditServer } from 'graphql-http';

/**
 * Audits that may fail, because the server closes GET on purpose (405). Each is optional ("MAY"), and each must be
 * there, have run over GET alone and have been answered 405; anything else counts as a failure.
 */
const GET_CLOSED = new Map([
  ['5A70', 'MAY accept application/x-www-form-urlencoded formatted GET requests'],
  [
    'D6D5',
    'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  ],
  ['6A70', 'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json'],
]);

const [url, token] = process.argv.slice(2);
if (!url || !token) {
  console.error('usage: node audit.mjs URL TOKEN');
  process.exit(2);
}

/** The method each response answered, to prove that an excepted audit is one over GET. */
const methods = new WeakMap();

async function fetchFn(input, init = {}) {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(input, { ...init, headers });
  methods.set(response, (init.method ?? 'GET').toUpperCase());
  return response;
}

/** Why the result counts as a failure, or nothing when it passes. */
function failure({ id, name, status, reason, response }) {
  if (!GET_CLOSED.has(id)) {
    return status === 'ok' ? undefined : reason;
  }
  if (GET_CLOSED.get(id) !== name || !name.startsWith('MAY ')) {
    return 'listed as excepted under another name: review the list';
  }
  if (status === 'ok') {
    return 'listed as excepted, yet it passes: take it off the list';
  }
  const method = methods.get(response);
  if (method !== 'GET' || response.status !== 405) {
    return `excepted for GET answered 405, but ${method ?? 'an unknown method'} was answered ${response.status}`;
  }
  return undefined;
}

const results = await auditServer({ url, fetchFn });
let passed = 0;
let excepted = 0;
let failed = 0;
for (const result of results) {
  const why = failure(result);
  const label = why === undefined && result.status !== 'ok' ? 'excepted' : result.status.padEnd(8);
  console.log(`${label} ${result.id} ${result.name}`);
  if (why !== undefined) {
    failed += 1;
    console.log(`         FAILED: ${why} (HTTP ${result.response?.status ?? '?'})`);
  } else if (result.status === 'ok') {
    passed += 1;
  } else {
    excepted += 1;
  }
}

const ids = new Set(results.map(({ id }) => id));
for (const id of [...GET_CLOSED.keys()].filter((id) => !ids.has(id))) {
  failed += 1;
  console.log(`FAILED: the excepted audit ${id} does not exist`);
}

console.log(`${excepted} excepted: GET is closed on purpose`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
