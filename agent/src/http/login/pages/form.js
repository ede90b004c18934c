// Posts the one form of the page; without scripts there is a button.
"use strict";
document.getElementById("post").submit();
