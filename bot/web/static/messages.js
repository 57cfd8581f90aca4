// The lists of messages: putting changes in place, going through them with the keyboard, threads, and what was read.
import { startComposer } from "./composer.js";
import { element, load, page, post } from "./net.js";

const lists = () => [...document.querySelectorAll(".messages")];
const numberOf = (message) => Number(message.dataset.id);
const find = (list, id) => list.querySelector(`:scope > [data-id="${id}"]`);
const belongs = (list, change) => (change.thread ?? "") === list.dataset.thread || `${change.id}` === list.dataset.thread;

// A change from the server: a message that is new, different or gone, and the one it hangs on.
export function put(change) {
  if (change.place !== page.place) return;
  if (isNews(change.id, change.at))
    for (const list of lists().filter((each) => belongs(each, change))) {
      if (change.html === null) find(list, change.id)?.remove();
      else insert(list, change.id, change.html);
    }
  if (!change.root || !isNews(change.root.id, change.at)) return;
  for (const list of lists()) if (find(list, change.root.id)) insert(list, change.root.id, change.root.html);
}

// What one's own sending brings back may come after what the server told since: what is older changes nothing.
const newest = new Map();

function isNews(id, at) {
  if (at < (newest.get(id) ?? 0)) return false;
  newest.set(id, at);
  return true;
}

// What the messages were made from: the same again changes nothing, and one that is being rewritten is left alone.
const sources = new WeakMap();

function insert(list, id, html) {
  const old = find(list, id);
  if (old && (sources.get(old) === html || old.querySelector(".own-edit"))) return;
  const fresh = element(html);
  sources.set(fresh, html);
  if (old) return replace(old, fresh);
  document.querySelector("[data-empty]")?.remove();
  const after = [...list.children].reverse().find((message) => numberOf(message) < id);
  if (after) after.after(fresh);
  else list.prepend(fresh);
  fresh.classList.add("arrived");
  bringIntoView(list.closest(".scroller"), fresh);
}

// The box holds on to its end. Who reads further up is not moved; what is longer than the box begins at its top.
function bringIntoView(scroller, fresh) {
  const newer = scroller.parentElement.querySelector("[data-newer]");
  if (scroller.scrollTop < -fresh.offsetHeight - 120) newer && (newer.hidden = false);
  else if (fresh.offsetHeight > scroller.clientHeight - 60) fresh.scrollIntoView({ block: "start" });
}

export function toNewest(button) {
  button.hidden = true;
  document.querySelector("main .scroller").scrollTo({ top: 0 });
}

function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (old.querySelector(".unfolded")) unfold(fresh.querySelector("[data-unfold]") ?? fresh);
  old.replaceWith(fresh);
  if (!focused) return;
  const named = (each) => [each.tagName, each.dataset.press, each.getAttribute("aria-label"), each.textContent].join();
  ([...fresh.querySelectorAll("a, button, summary")].find((each) => named(each) === named(focused)) ?? fresh).focus();
}

export function unfold(button) {
  const long = button.previousElementSibling;
  if (!long) return;
  const open = long.classList.toggle("unfolded");
  button.setAttribute("aria-expanded", open);
  [button.textContent, button.dataset.less] = [button.dataset.less, button.textContent];
}

// Arrow keys go from message to message; Tab goes on to what can be done with one.
export function moveAmong(message, event) {
  if (event.target !== message || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  const all = [...message.parentElement.children];
  const at = all.indexOf(message);
  const to = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[event.key];
  event.preventDefault();
  if (to) enter(to);
}

function enter(message) {
  reach(message);
  message.focus();
}

// Tab stops at one message of a list: where one was, else at the newest.
function reach(message) {
  for (const other of message.parentElement.children) other.tabIndex = other === message ? 0 : -1;
}

// Who asked sees that Agora is looking, then the answer's thread beside the channel, where there is room and no other
// stands there. An answer may come before one knows that one asked.
let asked;
const answers = new Map();

export function ask(id, thread) {
  asked = { id: Number(id), thread: thread ?? "" };
  if (!settled()) looking(true);
}

export function heard(change) {
  answers.set(change.thread ?? "", change.id);
  settled();
}

function settled() {
  const below = asked && answers.has(`${asked.id}`);
  if (!below && !(asked && answers.get(asked.thread) > asked.id)) return false;
  looking(false);
  const link = below && document.querySelector(`main [data-open-thread="${asked.id}"]`);
  if (link && innerWidth > 1100 && !document.querySelector("#thread .messages")) showThread(link.href);
  asked = null;
  return true;
}

function looking(is) {
  const shown = document.querySelector(`[data-working="${asked.thread}"]`);
  if (!shown) return;
  clearTimeout(shown.timer);
  shown.hidden = !is;
  if (is) shown.timer = setTimeout(() => (shown.hidden = true), 15000);
}

export async function toggleThread(link, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const was = document.querySelector("#thread .messages")?.dataset.thread;
  await showThread(link.href);
  const to = link.dataset.openThread ? ["#reply", "[data-close-thread]"] : [`main .message[data-id="${was}"]`, "#main"];
  to.map((each) => document.querySelector(each)).find(Boolean).focus();
}

async function showThread(where) {
  const fresh = await load(where).catch(() => null);
  if (!fresh) return location.assign(where);
  document.querySelector("#thread").replaceWith(fresh.querySelector("#thread"));
  document.body.classList.toggle("with-thread", fresh.body.classList.contains("with-thread"));
  history.pushState(null, "", where);
  document.querySelectorAll("#thread .composer").forEach(startComposer);
  const newest = document.querySelector("#thread .message:last-child");
  if (newest) bringIntoView(newest.closest(".scroller"), newest);
  makeReachable();
}

export async function showOlder(link, event) {
  event.preventDefault();
  const earlier = await load(link.href);
  const list = document.querySelector("main .messages");
  const known = new Set([...list.children].map(numberOf));
  list.prepend(...[...earlier.querySelectorAll("main .messages > .message")].filter((each) => !known.has(numberOf(each))));
  const next = earlier.querySelector("[data-older]");
  if (next) link.href = next.href;
  else link.closest(".older").remove();
}

export function makeReachable() {
  for (const list of lists()) if (list.lastElementChild && !list.contains(document.activeElement)) reach(list.lastElementChild);
}

let marking;
export function markRead() {
  makeReachable();
  clearTimeout(marking);
  if (document.visibilityState !== "visible" || !page.place) return;
  marking = setTimeout(() => {
    const newest = Math.max(0, ...lists().flatMap((list) => [...list.children].map(numberOf)));
    if (newest > Number(page.read ?? 0)) post("read", { place: page.place, upto: newest }).then((done) => done && (page.read = newest));
  }, 400);
}
