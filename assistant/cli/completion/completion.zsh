#compdef assistant notes-assistant
# Completes the commands, options, notes and headings of `assistant` in zsh.
#
#   source <(assistant completion zsh)
#
# after `compinit`, or as a file `_assistant` in a folder of $fpath.

_assistant() {
    local kind line value about
    local program=${(Q)words[1]}
    local -a lines values shown folders
    lines=("${(@f)$("${program/#\~\//$HOME/}" completion zsh -- \
        "${(@Q)words[2,CURRENT-1]}" "=${(Q)PREFIX}" 2>/dev/null)}")
    kind=$lines[1]
    if [[ $kind == files ]]; then
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*}
        about=${line#*$'\t'}
        if [[ $value == */ ]]; then
            folders+=("$value")
        else
            values+=("$value")
            shown+=("$value${about:+  -- $about}")
        fi
    done
    # The lines of headings that hold the word do not begin with it: choose among them.
    [[ $kind == headings ]] && compstate[insert]=menu
    (($#folders)) && compadd -U -S '' -a folders
    (($#values)) && compadd -U -l -d shown -a values
}

if [[ $funcstack[1] == _assistant ]]; then
    _assistant "$@"
else
    compdef _assistant assistant notes-assistant
fi
