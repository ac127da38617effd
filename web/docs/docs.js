/**
 * The page of /docs: shows /openapi.json, and sends requests. Everything that comes from outside is
 * put into the page as text, never as markup.
 */
'use strict';

const METHODS = ['get', 'post', 'put', 'delete'];
/** So much of an answer is shown. */
const SHOWN_MAX = 200_000;

/** An element with its attributes and children; texts become text. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

async function start() {
  const answer = await fetch('/openapi.json');
  const api = await answer.json();
  byId('about').textContent = api.info.description;
  const main = byId('operations');
  main.replaceChildren(...api.tags.map(({ name }) => section(api, name)));
  byId('find').addEventListener('input', (event) => find(main, event.target.value.toLowerCase()));
}

/** Shows the operations that have the word in their method, path or summary. */
function find(main, word) {
  for (const details of main.querySelectorAll('details.operation')) {
    details.hidden = !details.dataset.text.includes(word);
  }
  for (const part of main.querySelectorAll('section')) {
    part.hidden = part.querySelector('details.operation:not([hidden])') === null;
  }
}

function section(api, tag) {
  const part = element('section', {}, element('h2', {}, tag));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation?.tags.includes(tag)) part.append(details(api, { path, method, operation }));
    }
  }
  return part;
}

function details(api, { path, method, operation }) {
  const head = element('summary', {});
  const label = element('span', { class: `method ${method}` }, method.toUpperCase());
  head.append(label, ' ', element('code', {}, path), ` ${operation.summary}`);
  const node = element('details', { class: 'operation' }, head);
  node.dataset.text = `${method} ${path} ${operation.summary}`.toLowerCase();
  // Hundreds of forms are made only when somebody wants to see them.
  node.addEventListener('toggle', () => node.append(form(api, { path, method, operation })), {
    once: true,
  });
  return node;
}

function form(api, { path, method, operation }) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(api, parameter));
  const inputs = parameters.map((parameter) => ({ parameter, input: element('input') }));
  const body = operation.requestBody?.content['application/json'].schema;
  const text = element('textarea', { spellcheck: 'false' });
  if (body !== undefined) text.value = JSON.stringify(example(api, body), null, 2);
  const send = element('button', { type: 'button' }, 'Send');
  const result = element('pre', { hidden: '' });
  send.addEventListener('click', async () => {
    result.hidden = false;
    result.textContent = '…';
    result.textContent = await call({ path, method, inputs, body: body && text.value });
  });
  const node = element('div', {});
  if (inputs.length > 0) node.append(parameterTable(inputs));
  if (body !== undefined) node.append(element('h4', {}, 'Body'), text, schemaView(api, body));
  node.append(element('p', {}, send), result, element('h4', {}, 'Answers'));
  for (const [status, given] of Object.entries(operation.responses)) {
    node.append(answerView(api, status, resolve(api, given)));
  }
  return node;
}

function parameterTable(inputs) {
  const table = element('table', {});
  for (const { parameter, input } of inputs) {
    const { name, description = '', schema, required } = parameter;
    const where = `${parameter.in}${required ? ', required' : ''}`;
    table.append(
      element(
        'tr',
        {},
        element('td', {}, element('code', {}, name)),
        element('td', {}, where),
        element('td', {}, input),
        element('td', {}, typeText(schema), description === '' ? '' : `: ${description}`),
      ),
    );
  }
  return table;
}

function answerView(api, status, { description, content }) {
  const line = element('p', {}, element('b', {}, status), ` ${description}`);
  const [media] = Object.values(content ?? {});
  return media === undefined ? line : element('div', {}, line, schemaView(api, media.schema));
}

/** The attributes that a schema names, one a row, folded. */
function schemaView(api, schema) {
  const rows = schemaRows(api, schema, '', 0);
  if (rows.length === 0) return '';
  const table = element('table', {}, ...rows);
  return element('details', {}, element('summary', {}, 'Schema'), element('div', {}, table));
}

const DEPTH_MAX = 4;

function schemaRows(api, schema, prefix, depth) {
  const { properties = {}, required = [], items, oneOf = [] } = resolve(api, schema);
  if (depth > DEPTH_MAX) return [];
  const nested = [...oneOf.map((one) => [prefix, one]), ...(items ? [[`${prefix}[]`, items]] : [])];
  const rows = nested.flatMap(([at, inner]) => schemaRows(api, inner, at, depth + 1));
  for (const [name, property] of Object.entries(properties)) {
    const inner = resolve(api, property);
    const text = [inner.description, required.includes(name) ? 'required' : undefined];
    rows.push(
      element(
        'tr',
        {},
        element('td', {}, element('code', {}, `${prefix}${name}`)),
        element('td', {}, typeText(inner)),
        element('td', {}, text.filter(Boolean).join('; ')),
      ),
      ...schemaRows(api, inner, `${prefix}${name}.`, depth + 1),
    );
  }
  return rows;
}

function typeText(schema = {}) {
  const type = [schema.type ?? ''].flat().join(' or ');
  const items = schema.items ? ` of ${typeText(schema.items)}` : '';
  const choices = schema.enum ? `: ${schema.enum.map(String).join(', ')}` : '';
  const preset = 'default' in schema ? `, by default ${JSON.stringify(schema.default)}` : '';
  return `${type}${items}${choices}${preset}`;
}

function resolve(api, value) {
  let found = value;
  while (found?.$ref !== undefined) {
    const names = found.$ref.split('/').slice(1);
    found = names.reduce((node, name) => node?.[name], api);
  }
  return found ?? {};
}

/** A body to begin with: what is required, and a name where there can be one. */
function example(api, schema, depth = 0) {
  const { type, oneOf, items, enum: values, ...rest } = resolve(api, schema);
  if (oneOf !== undefined) return example(api, oneOf[0], depth);
  if (values !== undefined) return values[0];
  switch ([type].flat()[0]) {
    case 'object':
      return exampleObject(api, rest, depth);
    case 'array':
      return items === undefined ? [] : [example(api, items, depth + 1)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return 4;
    default:
      return '';
  }
}

function exampleObject(api, { properties = {}, required = [] }, depth) {
  const names = new Set(required.filter((name) => name in properties));
  if (depth > 0 && 'name' in properties) names.add('name');
  const pairs = [...names].map((name) => [name, example(api, properties[name], depth + 1)]);
  return Object.fromEntries(pairs);
}

/** Sends the request of a form; gives the answer as text. */
async function call({ path, method, inputs, body }) {
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const { parameter, input } of inputs) {
    const { name } = parameter;
    if (parameter.in === 'path') url = url.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value !== '' && parameter.in === 'header') headers[name] = input.value;
    else if (input.value !== '') query.append(name, input.value);
  }
  const token = byId('token').value;
  if (token !== '') headers['x-auth-token'] = token;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const address = query.size > 0 ? `${url}?${query}` : url;
  try {
    return await show(await fetch(address, { method: method.toUpperCase(), headers, body }));
  } catch (error) {
    return String(error);
  }
}

async function show(answer) {
  const lines = [`${answer.status} ${answer.statusText}`];
  for (const [name, value] of answer.headers) lines.push(`${name}: ${value}`);
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    await answer.body?.cancel();
    return [...lines, '', 'A stream: watch it with curl -N.'].join('\n');
  }
  const text = await answer.text();
  return [...lines, '', pretty(text).slice(0, SHOWN_MAX)].join('\n');
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

start().catch((error) => {
  byId('operations').textContent = String(error);
});
