# Sourced: points SLURM's commands and MariaDB's clients at the sandbox in folder $1.
export SLURM_CONF=$1/slurm.conf MYSQL_UNIX_PORT=$1/db.socket
