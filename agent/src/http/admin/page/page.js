// Lists the operations of /v1/openapi.json and sends requests. No library, no other host; all
// text from the server enters the page as text.
"use strict";

const byId = (id) => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function example(schema, all, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return example(all[schema.$ref.split("/").pop()], all, depth + 1);
  const choice = (schema.oneOf || schema.anyOf || []).find((one) => one.type !== "null");
  if (choice) return example(choice, all, depth + 1);
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const required = new Set(schema.required || []);
    const entries = Object.entries(schema.properties || {}).filter(([name]) => required.has(name));
    return Object.fromEntries(entries.map(([name, one]) => [name, example(one, all, depth + 1)]));
  }
  if (type === "array") {
    const item = example(schema.items, all, depth + 1);
    return item && typeof item === "object" ? [item] : [];
  }
  return { string: "", integer: 0, number: 0, boolean: false }[type] ?? null;
}

async function show(response, output, started) {
  const took = Math.round(performance.now() - started);
  output.textContent = `${response.status} ${response.statusText} (${took} ms)\n`;
  for (const name of ["allow", "retry-after"]) {
    if (response.headers.has(name)) output.textContent += `${name}: ${response.headers.get(name)}\n`;
  }
  const type = response.headers.get("content-type") || "";
  if (!type.startsWith("text/event-stream")) {
    const text = await response.text();
    let pretty = text;
    if (type.includes("json")) try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    output.textContent += `\n${pretty}`;
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    output.textContent = (output.textContent + value).slice(-50000);
    output.scrollTop = output.scrollHeight;
  }
}

function form(path, method, operation, all) {
  const inputs = (operation.parameters || []).map((parameter) => {
    const input = element("input", { required: parameter.required === true, spellcheck: false });
    if (parameter.name === "pico") input.value = "root";
    const words = ` ${parameter.in === "query" ? "?" : ""}${parameter.name}: ${parameter.description || ""}`;
    return { parameter, input, label: element("label", {}, words, input) };
  });
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const body = schema && element("textarea", { spellcheck: false });
  if (body) body.value = JSON.stringify(example(schema, all) ?? {}, null, 2);
  const output = element("pre");
  const stop = element("button", { type: "button", textContent: "Stop", hidden: true });
  const made = element("form", {}, element("p", { textContent: operation.description || "" }));
  made.append(...inputs.map(({ label }) => label));
  if (body) made.append(element("label", {}, " Body", body));
  made.append(element("button", { textContent: "Send" }), stop, output);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") {
        target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      } else if (input.value) {
        query.set(parameter.name, input.value);
      }
    }
    if (query.size) target += `?${query}`;
    const headers = {};
    if (byId("token").value) headers.authorization = `Bearer ${byId("token").value}`;
    if (body) headers["content-type"] = "application/json";
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = false;
    const started = performance.now();
    try {
      const init = { method: method.toUpperCase(), headers, body: body?.value, signal: abort.signal };
      await show(await fetch(target, init), output, started);
    } catch (error) {
      output.textContent += `\n${error}`;
    }
    stop.hidden = true;
  });
  return made;
}

async function start() {
  const description = await (await fetch("/v1/openapi.json")).json();
  byId("about").textContent = description.info.description;
  const all = description.components.schemas;
  const families = new Map();
  for (const [path, item] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const summary = element("summary", {},
        element("span", { className: "method", textContent: method.toUpperCase() }),
        element("code", { textContent: path }),
        element("span", { className: "words", textContent: operation.summary }));
      const details = element("details", { id: operation.operationId }, summary);
      details.addEventListener("toggle", () => {
        if (!details.querySelector("form")) details.append(form(path, method, operation, all));
      });
      const tag = operation.tags[0];
      if (!families.has(tag)) families.set(tag, element("section", {}, element("h2", { textContent: tag })));
      families.get(tag).append(details);
    }
  }
  const order = new Set([...description.tags.map((tag) => tag.name), ...families.keys()]);
  const sections = [...order].map((tag) => families.get(tag)).filter(Boolean);
  byId("operations").replaceChildren(...sections);
}

start().catch((error) => { byId("operations").textContent = String(error); });
