// What changes while the tab is open. Reconnecting says what was seen last, so nothing is missed and nothing comes twice.
import { load, page, words } from "./net.js";
import { heard, markRead, put } from "./messages.js";

const title = document.title;
let since = Number(page.since);
let wait = 500;
let patience;

export function follow() {
  const where = new URL(`${page.base}/live`, location.href);
  where.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  where.search = new URLSearchParams({ since, in: page.place });
  const socket = new WebSocket(where);
  socket.addEventListener("open", () => lost(false));
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    lost(true);
    setTimeout(follow, wait);
    wait = Math.min(wait * 2, 8000);
  });
}

// A moment without a connection is nobody's business.
function lost(is) {
  clearTimeout(patience);
  const shown = document.querySelector("#lost");
  const show = () => {
    shown.hidden = !is;
    shown.textContent = is ? words.lost : "";
  };
  if (!is) wait = 500;
  if (is) patience = setTimeout(show, 2000);
  else show();
}

function take(news) {
  since = news.seq;
  for (const change of news.changes) {
    put(change);
    if (change.place === page.place && change.agora) heard(change);
  }
  const said = news.changes.filter((change) => change.say && !change.mine && !change.edited).map((change) => change.say);
  if (said.length) document.querySelector("#announcer").textContent = said.slice(-3).join("\n");
  count(news.unread);
  if (news.changes.length) refresh();
  markRead();
}

function count(unread) {
  let total = 0;
  for (const badge of document.querySelectorAll("[data-unread]")) {
    const number = badge.dataset.unread === page.place && document.visibilityState === "visible" ? 0 : (unread[badge.dataset.unread] ?? 0);
    badge.querySelector("[data-count]").textContent = number;
    badge.hidden = !number;
    total += number;
  }
  document.title = total ? `(${total}) ${title}` : title;
}

// The home has no messages: it is fetched anew, unless a dialog is open before it.
let due;
export function refresh() {
  if (!document.querySelector("[data-refresh]")) return;
  clearTimeout(due);
  due = setTimeout(async () => {
    const fresh = await load(location.href).catch(() => null);
    const focus = document.activeElement?.dataset ?? {};
    if (fresh) document.querySelector("[data-refresh] .sections").replaceWith(fresh.querySelector("[data-refresh] .sections"));
    if (focus.press) (document.querySelector(`[data-press="${CSS.escape(focus.press)}"][data-id="${focus.id}"]`) ?? document.querySelector("#main")).focus();
  }, 300);
}
