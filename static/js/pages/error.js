/** Page of an error: put the server's line into the page's language. */
import { byId, setText } from "../lib/dom.js";
import { toSentence } from "../lib/format.js";
import { problemText } from "../lib/problems.js";

setText(byId("failure"), toSentence(problemText(byId("failure").textContent)));
