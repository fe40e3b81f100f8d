// Loaded before every judge: none of them needs a network, and one that tried to use it would judge differently there.
"use strict";

require("node:net").Socket.prototype.connect = () => {
  throw new Error("a judge tried to use the network");
};
