"""Termination options: the value of a right to terminate, and how long the agreement lives.

An agreement at a fixed fee F, set against a market price P, is a stopping game (Dynkin 1969; Kifer
2000) in which each party may end it on notice.

State     date t = 0, 1, … N - 1 and log price x_t = m_t + u_t, with u_{t+1} = ρ u_t + noise
          (Schwartz 1997; jumps at step ends as in Merton 1976). With internal use a second such
          factor multiplies the price. Once notice is given: the date at which service ends.
Actions   nobody gives notice, the customer (C) does, the provider (P) does. Notice is irrevocable.
Pay-off   to the customer P_j - F_j for each step j served, discounted by D_j; a party that
          terminates pays its fee φ to the other when service ends. The provider gets the opposite;
          in `solve_private` each side has its own value of capacity and cost of an early end.
Window    e_t = min(t + notice of P, T). All values stand above that of service [t, e_t), a closed
          form: then they lie between -φ_C and φ_P, and nothing has to be known far out.

With w_t the value at t of service [e_t, e_{t+1}), d_t = D_{t+1} / D_t and G^C, G^P the values of
either notice, -inf and inf where it is not exercisable, value V and continuation value C are

    C_t(x) = w_t(x) + d_t E[V_{t+1}(x_{t+1}) | x_t = x],   V_N = 0
    V_t    = max(G^C_t, min(G^P_t, C_t))                                         equal notice
    V_t    = best for S of G^S_t and (best for L of G^L_t and C_t)               unequal notice

L being the side with the longer notice and S the one with the shorter, which has the last word;
nobody terminates out of indifference. While L's notice runs S may still cut it short by
counter-notice, so G^L is itself the value of a stopping problem, `solver.notice`.

Exercise  C gives notice where G^C_t > C_t, below its trigger price; P where G^P_t < C_t, above its
          own. Probabilities carried forward without what lies there give survival.
Quadrature  E is a sum over an equally spaced grid of u, exact to round-off for smooth values, and
          kept so at exercise boundaries (in the family of Andricopoulos, Widdicks, Duck and Newton
          2003).

    game        Right, Side, Game: the terms and their dates
    lattice     grid, transition weights, present values of payments
    solver      weights of exercise regions that end between nodes, and the recursion
    solution    solve, Solution: value, triggers, ends, survival; sensitivities
    leaving     an agreement as such a game
    ownership   who holds the more valuable right, lifetimes how long the agreement lives

Checked in `tests/oracles`: closed forms (perpetual and cancellable options, Black 1976, first
passage of a band), a binomial tree, and bounds by simulation (Rogers 2002).

Andricopoulos, Widdicks, Duck, Newton 2003, J. Financial Economics 67. Dynkin 1969, Soviet Math.
Doklady 10. Kifer 2000, Finance and Stochastics 4. Merton 1976, J. Financial Economics 3. Rogers
2002, Mathematical Finance 12. Schwartz 1997, J. Finance 52.
"""

from analysis.models.exits.game import Game, Right, Side
from analysis.models.exits.solution import Solution, sensitivities, solve, solve_many, solve_private
from analysis.models.market.prices import Process

__all__ = ["Game", "Process", "Right", "Side", "Solution"]
__all__ += ["sensitivities", "solve", "solve_many", "solve_private"]
