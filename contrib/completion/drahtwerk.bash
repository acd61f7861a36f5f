# SPDX-License-Identifier: MIT
# drahtwerk.bash - completion for the dw- programs in bash. What options there are, and what values an
# option takes, the programs say themselves (--complete); locators come from dw-plug --list, commands
# of a management socket from its own help.

_dw_schemes() { dw-plug --list 2>/dev/null | sed -nE 's|^([a-z][a-z0-9+-]*://).*|\1|p'; }
_dw_verbs() { "$1" --help 2>/dev/null | sed -nE '1s/^Usage: [^ ]+ ([a-z]+(\|[a-z]+)+) .*/\1/p' | tr '|' '\n'; }
_dw_commands() { timeout 2 dw-ctl "$1" help 2>/dev/null | sed -nE 's|^([a-z]+(/[a-z]+)?) .*|\1|p'; }

# Words from stdin that begin as $1 does.
_dw_offer() {
  local line
  while IFS= read -r line; do
    [[ $line == "$1"* ]] && COMPREPLY+=("$line")
  done
}

_drahtwerk() {
  local prog=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} asked i
  local said=("$prog")
  COMPREPLY=()
  # What follows a lone "=" is a command line of its own, in dw-plug and dw-wire.
  if [[ ${prog##*/} == dw-@(plug|wire) && $before == = && ${COMP_WORDS[COMP_CWORD - 2]} != --* ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$word" | sort -u)
    return
  fi
  if [[ ${prog##*/} == dw-lab ]]; then
    if ((COMP_CWORD == 1)) && [[ $word != -* ]]; then
      _dw_offer "$word" < <(_dw_verbs "$prog")
      return
    fi
    [[ ${COMP_WORDS[1]} == -* ]] || said+=("${COMP_WORDS[1]}")
  fi
  if [[ ${prog##*/} == dw-ctl && $word != -* ]]; then
    for ((i = 1; i < COMP_CWORD; i++)); do
      if [[ -S ${COMP_WORDS[i]} ]]; then
        _dw_offer "$word" < <(_dw_commands "${COMP_WORDS[i]}")
        return
      fi
    done
  fi
  # Bash takes --name=value apart.
  if [[ $word == = && $before == --* ]]; then
    before=$before= word=
  elif [[ $before == = && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}=
  fi
  if [[ $before == --*= ]]; then
    _dw_offer "$word" < <("${said[@]}" --complete "$before$word" 2>/dev/null | sed "s/^${before//\//\\/}//")
    return
  fi
  if [[ $word == -* || $before == --* ]]; then
    mapfile -t asked < <("${said[@]}" --complete "$before" "$word" 2>/dev/null)
    COMPREPLY=("${asked[@]}")
  fi
  if [[ $word != -* && (${prog##*/} == dw-@(plug|cable) || $before == @(-P|--plug)) ]]; then
    [[ -z $word ]] || _dw_offer "$word" < <(_dw_schemes)
    [[ ${COMPREPLY[*]} != *:// ]] || compopt -o nospace 2>/dev/null
  fi
}

complete -o default -F _drahtwerk dw-switch dw-plug dw-wire dw-cable dw-lab dw-ctl dw-console
