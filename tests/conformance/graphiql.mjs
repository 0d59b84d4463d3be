// GraphiQL in a real browser, against a running `alliance serve --demo`.
// Usage: [CHROMIUM=/usr/bin/chromium] [SCREENSHOT=out.png] node graphiql.mjs http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const { CHROMIUM = '/usr/bin/chromium', SCREENSHOT } = process.env;
const [base] = process.argv.slice(2);
if (!base) {
  console.error('usage: node graphiql.mjs URL');
  process.exit(2);
}
const { origin, hostname } = new URL(base);

const INTROSPECTION = 'IntrospectionQuery';
const step = (text) => console.log(`ok  ${text}`);

/** What the server says without a browser. */
async function checkHttp() {
  const page = await fetch(`${origin}/graphiql`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /connect-src 'self'(;|$)/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  const html = await page.text();
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/, 'no inline script');
  const assets = [...html.matchAll(/(?:src|href)="(\/graphiql\/[^"]+)"/g)].map(([, path]) => path);
  assert.ok(assets.length >= 5, 'the page names its assets');
  for (const path of assets) {
    const asset = await fetch(origin + path);
    assert.equal(asset.status, 200, path);
    assert.equal(asset.headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(asset.headers.get('content-type') ?? '', path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    assert.doesNotMatch(await asset.text(), /sourceMappingURL/, path);
  }
  assert.equal((await fetch(`${origin}/graphiql/nothing.js`)).status, 404);
  step(`page, ${assets.length} assets and their headers; an unknown asset is 404`);

  const list = await fetch(`${origin}/graphiql/personas`);
  assert.equal(list.status, 200);
  assert.equal(list.headers.get('cache-control'), 'no-store');
  const personas = await list.json();
  assert.ok(personas.length >= 2, 'at least two personas to switch between');
  for (const { name, description, token, example } of personas) {
    assert.ok(name && description && token && example, `persona ${name} is complete`);
  }
  assert.equal(new Set(personas.map(({ token }) => token)).size, personas.length, 'tokens differ');
  step(`${personas.length} personas: ${personas.map(({ name }) => name).join(', ')}`);
  return personas;
}

/** Collects what must not happen and every GraphQL request that does. */
async function watch(page) {
  const seen = { foreign: [], problems: [], graphql: [] };
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== origin) {
      seen.foreign.push(request.url());
    }
    if (url.pathname === '/graphql') {
      seen.graphql.push(request);
    }
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) {
      seen.foreign.push(socket.url());
    }
  });
  page.on('pageerror', (error) => seen.problems.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) {
      seen.problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  await page.exposeFunction('reportViolation', (text) => seen.problems.push(`CSP violation: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return seen;
}

const operationOf = (request) => request.postDataJSON()?.operationName;
const isGraphql = (request) => new URL(request.url()).pathname === '/graphql';

/** Runs `action` and returns the answered GraphQL request it causes: an introspection or any other. */
async function graphqlDuring(page, introspection, action) {
  const [response] = await Promise.all([
    page.waitForResponse(
      (answer) =>
        isGraphql(answer.request()) && (operationOf(answer.request()) === INTROSPECTION) === introspection,
    ),
    action(),
  ]);
  return { request: response.request(), status: response.status(), body: await response.json() };
}

/** The request carries the persona's token, and the media types of GraphQL over HTTP. */
async function assertSentAs(request, persona) {
  assert.equal(request.method(), 'POST');
  const headers = await request.allHeaders();
  assert.equal(headers.authorization, persona && `Bearer ${persona.token}`);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.accept, 'application/graphql-response+json, application/json');
}

function assertIntrospected({ status, body }) {
  assert.equal(status, 200, JSON.stringify(body.errors));
  assert.ok(body.data.__schema.types.length > 0, 'introspection has types');
}

const editorText = (page, pane) =>
  page.evaluate((selector) => document.querySelector(selector).CodeMirror.getValue(), `.${pane} .CodeMirror`);

const withoutSpace = (text) => text.replace(/\s+/g, ' ').trim();

/** Loads the chosen persona's example with the keyboard, runs it with Ctrl+Enter, checks the answer shown. */
async function runExample(page, persona) {
  await page.getByRole('button', { name: 'Load example' }).focus();
  await page.keyboard.press('Enter');
  // GraphiQL parses the text a moment after it changed; only then does it know the operation's name.
  await page.waitForFunction((example) => {
    const editor = document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror;
    return editor.getValue() === example && editor.operations?.[0]?.loc.source.body === example;
  }, persona.example.replace(/\r\n?/g, '\n'));
  const { request, status, body } = await graphqlDuring(page, false, async () => {
    await page.locator('.graphiql-query-editor .CodeMirror textarea').focus();
    await page.keyboard.press('Control+Enter');
  });
  await assertSentAs(request, persona);
  assert.equal(withoutSpace(request.postDataJSON().query), withoutSpace(persona.example));
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.errors, undefined, JSON.stringify(body.errors));
  assert.ok(Object.keys(body.data).length > 0, 'the example returns data');
  assert.ok(Object.values(body.data).some((value) => value !== null), 'the example returns more than null');
  await page.waitForFunction(
    () => document.querySelector('.graphiql-response .CodeMirror').CodeMirror.getValue().includes('"data"'),
  );
  assert.deepEqual(JSON.parse(await editorText(page, 'graphiql-response')).data, body.data, 'the answer is shown');
}

async function stored(page) {
  return page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie }));
}

async function checkBrowser(page, personas) {
  const seen = await watch(page);
  const [first] = personas;
  const last = personas.at(-1);
  const select = page.getByLabel('Persona', { exact: true });

  const opening = await graphqlDuring(page, true, () => page.goto(`${origin}/graphiql`));
  await assertSentAs(opening.request, first);
  assertIntrospected(opening);
  assert.equal(await select.inputValue(), first.name);
  await page.getByText(first.description, { exact: true }).waitFor();
  step(`opens as ${first.name} and introspects with that token`);

  await runExample(page, first);
  if (SCREENSHOT) {
    await page.screenshot({ path: SCREENSHOT });
  }
  step(`runs the example of ${first.name}`);

  for (const persona of personas.slice(1)) {
    const switched = await graphqlDuring(page, true, async () => {
      await select.focus();
      await page.keyboard.press('ArrowDown'); // one further in the list
    });
    assert.equal(await select.inputValue(), persona.name);
    await assertSentAs(switched.request, persona);
    assertIntrospected(switched);
    assert.equal(await editorText(page, 'graphiql-response'), '', "the former persona's answer is gone");
    await page.getByText(persona.description, { exact: true }).waitFor();
    await runExample(page, persona);
    step(`switches by keyboard to ${persona.name}: new token, new introspection, example runs`);
  }

  const { __schema: schema } = opening.body.data;
  const query = schema.types.find(({ name }) => name === schema.queryType.name);
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  const docs = page.locator('.graphiql-doc-explorer');
  await docs.getByRole('link', { name: query.name, exact: true }).click();
  for (const { name } of query.fields.filter(({ isDeprecated }) => !isDeprecated).slice(0, 5)) {
    await docs.getByRole('link', { name, exact: true }).first().waitFor();
  }
  if (SCREENSHOT) {
    await page.screenshot({ path: SCREENSHOT.replace(/(\.png)?$/, '-docs.png') });
  }
  step(`the documentation explorer lists the fields of ${query.name}`);

  // Overlays bring their own styles: nothing of it may offend the policy.
  for (const name of ['Open short keys dialog', 'Open settings dialog']) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.locator('.graphiql-query-editor .CodeMirror textarea').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('{ __t');
  await page.keyboard.press('Control+Space');
  await page.locator('.CodeMirror-hints').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('query A { __typename ');
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' query B { __typename ');
  await page.keyboard.press('Control+f');
  await page.locator('.CodeMirror-dialog input').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(
    () => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operations?.length === 2,
  );
  const menu = await graphqlDuring(page, false, async () => {
    await page.locator('button.graphiql-execute-button').click();
    await page.getByRole('menuitem', { name: 'B', exact: true }).click();
  });
  assert.equal(operationOf(menu.request), 'B');
  step('dialogs, completion, search and the operation menu work');

  const kept = await stored(page);
  assert.deepEqual(kept, { local: {}, session: { 'alliance.persona': last.name }, cookie: '' });
  const again = await graphqlDuring(page, true, () => page.reload());
  assert.equal(await select.inputValue(), last.name);
  await assertSentAs(again.request, last);
  step('keeps the name of the persona over a reload, and nothing else');

  assert.deepEqual(seen.problems, [], 'no console error, page error or CSP violation');
  assert.deepEqual(seen.foreign, [], 'no request leaves the origin');
  step(`no CSP violation, no console error, no foreign request (${seen.graphql.length} GraphQL requests)`);

  // Last, because the refusal of an anonymous request may be logged as an error by the browser.
  const anonymous = page.waitForRequest(isGraphql);
  await select.selectOption({ label: 'No persona (anonymous)' });
  await assertSentAs(await anonymous, undefined);
  assert.ok(await page.getByRole('button', { name: 'Load example' }).isDisabled());
  assert.deepEqual(seen.foreign, []);
  step('without a persona no token is sent');
}

const personas = await checkHttp();
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`,
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(15_000);
  await checkBrowser(page, personas);
} finally {
  await browser.close();
}
console.log('GraphiQL: all checks passed');
