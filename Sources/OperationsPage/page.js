"use strict";
const events = new EventSource("/events");
events.addEventListener("now", (event) => {
  document.getElementById("now").textContent = JSON.stringify(JSON.parse(event.data), null, 2);
});
