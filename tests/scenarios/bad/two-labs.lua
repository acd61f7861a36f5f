-- SPDX-License-Identifier: MIT
-- two-labs - ends with 2: two-labs.lua:4: lab: one scenario has one lab; this is the second, 'more'
lab("bad")
lab("more")
