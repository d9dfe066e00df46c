"""What puts run outputs into a store."""
