# on: prose; off: prose
# Is prose.
Here is a network that will reach 99 % accuracy on the data set. It uses residual connections!
Let me know if you need more.
