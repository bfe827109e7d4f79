# Completes the commands, options, notes and headings of `assistant` in fish.
#
#   assistant completion fish > ~/.config/fish/completions/assistant.fish

function __assistant_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l word (string unescape -- $typed; or string trim --left --chars "'\"" -- $typed)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -e words[1]
    set -l lines ($program completion fish -- $words "=$word" 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path $word
    else
        set -e lines[1]
        for line in $lines
            echo -- $line
        end
    end
end

complete --command assistant --command notes-assistant --no-files --keep-order --arguments '(__assistant_complete)'
