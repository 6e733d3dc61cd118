// A staff page with nothing of its own but the common keys.

import "./inbox.js";
import { listen } from "./keys.js";

listen({});
