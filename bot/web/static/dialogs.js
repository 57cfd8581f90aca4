// Buttons, forms, shortcuts: what is pressed is sent once, whatever comes back is shown.
import { refresh } from "./live.js";
import { ask } from "./messages.js";
import { newKey, post, toast, words } from "./net.js";

const formDialog = document.querySelector("#form");
const confirmDialog = document.querySelector("#confirm");

export async function press(button) {
  const group = button.closest(".actions") ?? button;
  if (group.dataset.busy) return;
  if (button.dataset.confirm && !(await confirmed(button.dataset.confirm))) return;
  const { place, message, press: route, id } = button.dataset;
  await act(button, group, "press", { place, message, route, id: Number(id) });
}

export async function shortcut(button) {
  const { place, message, shortcut: route } = button.dataset;
  const menu = button.closest("details");
  const answer = await act(button, menu, "shortcut", { place, message, route });
  if (answer && !(answer.form || answer.notice || answer.refused)) ask(message);
  menu.open = false;
}

// The key stays until an answer came: pressed again after a failure, it is still the same press.
async function act(button, group, path, body) {
  button.dataset.key ||= newKey();
  busy(button, group, true);
  if (button.dataset.opens === "form") show(document.querySelector("#waiting").content.cloneNode(true));
  const answer = await post(path, { ...body, key: button.dataset.key });
  busy(button, group, false);
  if (answer) delete button.dataset.key;
  if (!answer?.form && formDialog.querySelector(".waiting")) formDialog.close();
  showAnswer(answer);
  return answer;
}

function busy(button, group, is) {
  if (is) group.dataset.busy = "yes";
  else delete group.dataset.busy;
  button.setAttribute("aria-busy", is);
  for (const each of group.querySelectorAll("button")) each.setAttribute("aria-disabled", is);
}

export function showAnswer(answer) {
  if (!answer) return toast(words.failed);
  const said = [answer.refused, answer.notice, ...Object.values(answer.errors ?? {})].filter(Boolean);
  said.forEach(toast);
  if (answer.form) openForm(answer.form);
  if (answer.open) window.open(answer.open, "_blank", "noopener");
  refresh();
}

function show(content) {
  formDialog.replaceChildren(content);
  if (!formDialog.open) formDialog.showModal();
}

function openForm(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  show(template.content);
  formDialog.querySelector(".field :is(input, textarea, select)")?.focus();
}

formDialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.busy || !complete(form)) return;
  const { place, message, route, id } = form.dataset;
  const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  form.dataset.key ||= newKey();
  busy(form.querySelector("[type=submit]"), form, true);
  const answer = await post("submit", { place, message, route, id: Number(id), key: form.dataset.key, values });
  busy(form.querySelector("[type=submit]"), form, false);
  if (!answer) return showErrors(form, { "": words.failed });
  delete form.dataset.key;
  if (answer.refused || Object.keys(answer.errors).length) return showErrors(form, { ...answer.errors, ...(answer.refused && { "": answer.refused }) });
  formDialog.close();
  showAnswer(answer);
});

function complete(form) {
  const missing = [...form.elements].filter((input) => input.required && !input.value.trim());
  showErrors(form, Object.fromEntries(missing.map((input) => [input.name, form.querySelector(`#error-${CSS.escape(input.name)}`).dataset.missing])));
  return !missing.length;
}

function showErrors(form, errors) {
  for (const input of form.querySelectorAll(".field :is(input, textarea, select)")) {
    form.querySelector(`#error-${CSS.escape(input.name)}`).textContent = errors[input.name] ?? "";
    input.setAttribute("aria-invalid", input.name in errors);
  }
  const others = Object.entries(errors).filter(([name]) => !form.elements[name] || !name).map(([, text]) => text);
  const top = form.querySelector(".form-error");
  top.hidden = !others.length;
  top.textContent = others.join(" ");
  form.querySelector("[aria-invalid=true]")?.focus();
}

const written = () => [...formDialog.querySelectorAll("textarea, input")].some((input) => input.value !== input.defaultValue);

async function leave() {
  if (!written() || (await confirmed(words.discard))) formDialog.close();
}

formDialog.addEventListener("click", (event) => event.target.closest("[data-close]") && leave());
formDialog.addEventListener("cancel", (event) => {
  if (!written()) return;
  event.preventDefault();
  leave();
});

// Back on a phone, or a reload: the browser asks.
window.addEventListener("beforeunload", (event) => formDialog.open && written() && event.preventDefault());

export function confirmed(question) {
  confirmDialog.querySelector("p").textContent = question;
  confirmDialog.returnValue = "";
  confirmDialog.showModal();
  return new Promise((resolve) => confirmDialog.addEventListener("close", () => resolve(confirmDialog.returnValue === "yes"), { once: true }));
}
